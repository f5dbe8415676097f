"""What things cost elsewhere, roughly: enough for a first price that the merchant then makes his own.

What costs 10 yuan costs about 2 dollars, 200 yen or 20,000 rupiah. A currency that is not named
counts like the dollar.
"""

from decimal import Decimal

_TEN_YUAN = {
    "0.5": "BHD KWD OMR",
    "1": "JOD",
    "5": "AED BRL BYN FJD GEL ILS LYD MYR PEN PGK PLN QAR RON SAR TMT TND TOP WST XCD",
    "10": "BOB CNY DKK GTQ HKD MAD MOP NOK SBD SEK SVC TJS TTD",
    "20": "BWP ERN GHS LSL MDL MVR MXN NAD SCR SLE SZL ZAR ZMW",
    "50": "AFN CUP CZK DOP EGP GMD HNL KGS MKD MRU MUR MZN NIO PHP SRD STN THB TRY TWD UAH UYU",
    "100": "ALL BDT BTN CVE ETB INR NPR RUB VES",
    "200": "DJF DZD GYD HTG ISK JMD JPY KES LRD RSD VUV XPF YER",
    "500": "AMD CRC HUF KMF KZT LKR PKR SDG SOS",
    "1000": "AOA CLP KPW XAF XOF",
    "2000": "ARS CDF IQD KRW MWK NGN RWF",
    "5000": "BIF COP KHR MGA MMK MNT PYG SSP TZS UGX",
    "20000": "GNF IDR SYP UZS VND",
    "50000": "IRR LAK",
    "100000": "LBP",
}
_DOLLAR = Decimal(2)
_BY_CURRENCY = {
    code: Decimal(amount) for amount, codes in _TEN_YUAN.items() for code in codes.split()
}


def ten_yuan_in(currency: str) -> Decimal:
    """What costs 10 yuan in China costs about so many major units of a currency."""
    return _BY_CURRENCY.get(currency, _DOLLAR)
