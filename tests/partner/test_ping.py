"""The first call of an integration."""

from tests.partner.calls import API, caller, refusal, sent


def test_a_key_learns_where_it_is_and_what_it_may_do(shop):
    said = sent(caller(shop, "orders:write").get(f"{API}/ping"), 200)
    prefix = said.pop("key_prefix")
    assert prefix.startswith("jf_")
    assert said == {
        "merchant": shop.slug,
        "mode": "live",
        "now": "2026-03-01T04:00:00Z",
        "scopes": ["orders:write"],
    }


def test_a_shop_in_test_mode_says_its_own_time(lab):
    sent(lab.post(f"{API}/test-clock", {"now": "2027-05-01T00:00:00Z"}), 200)
    said = sent(lab.get(f"{API}/ping"), 200)
    assert (said["mode"], said["now"]) == ("test", "2027-05-01T00:00:00Z")


def test_a_wrong_key_learns_nothing(partner):
    partner.headers["Authorization"] = "Bearer jf_nobody"
    refusal(partner.get(f"{API}/ping"), 401, "channels.key_invalid")
