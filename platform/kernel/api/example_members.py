"""Examples of members' profiles, of their rights, and of transfers between them."""

from kernel.api.example_values import MEI, Values

_TASTE: Values = {"name_zh": "爱喝的茶", "name_en": "Favourite tea", "position": 1}

PROFILES: dict[str, Values] = {
    "ChoiceShape": {"code": "green", "name_zh": "绿茶", "name_en": "Green tea"},
    "IdentityIn": {"channel": "pos", "external_id": "0077"},
    "IdentityOut": {"channel": "pos", "external_id": "0077"},
    "MemberExportOut": {
        "format": "jifen.member/1",
        "member": {"external_id": "mei", "name": "Mei"},
        "merged_external_ids": [],
        "data": {"orders": [{"external_id": "O-1001"}]},
    },
    "MemberFieldChange": _TASTE,
    "MemberFieldIn": {**_TASTE, "code": "taste", "kind": "choice"},
    "MemberFieldOut": {**_TASTE, "code": "taste", "kind": "choice", "name": "Favourite tea"},
    "MemberMerge": {"answer": MEI},
    "MergeByNumberIn": {"into_external_id": "mei"},
    "ProfileChange": {"birthday": "1995-02-03"},
    "ProfileFieldOut": {
        "code": "taste",
        "kind": "choice",
        "name": "Favourite tea",
        "value": "green",
    },
    "ProfileChoiceOut": {"code": "green", "name": "Green tea"},
    "MemberTransferIn": {"from_external_id": "mei", "to_external_id": "tao"},
    "ReceiverIn": {"phone_or_code": "13800000001"},
    "ReceiverOut": {"token": "WyIwMWEyMDA3NyIsIjAxYTIwMDc4Il0:1tXyZ0:q3hWn1", "name": "M**"},
    "TransferIn": {"receiver_token": "WyIwMWEyMDA3NyIsIjAxYTIwMDc4Il0:1tXyZ0:q3hWn1"},
    "TransferTermsOut": {"max_points": 500, "min_points": 10, "left_today": 500},
    "Transfers": {"enabled": True, "min_points": 10, "max_points_per_day": 500},
}
