"""What the texts in a path stand for."""

import pytest

from flowdock.protocol.endpoints import REPLAY_DELIVERY, SHOW_MESSAGE


def test_numbers_in_a_path_are_numbers() -> None:
    assert SHOW_MESSAGE.placed({"org": "acme", "flow": "main", "id": "7"}) == {"org": "acme", "flow": "main", "id": 7}


@pytest.mark.parametrize("text", ["", "x", "-1", "+1", " 1", "1_0", "1.0", "٣", "²", "9" * 19, "9" * 5000])
def test_at_what_cannot_be_a_number_there_is_nothing(text: str) -> None:
    with pytest.raises(LookupError):
        SHOW_MESSAGE.placed({"org": "acme", "flow": "main", "id": text})


def test_a_path_is_filled_and_percent_encoded() -> None:
    assert REPLAY_DELIVERY.url(org="a/b", flow="ü", id=1, delivery_id=2) == (
        "/flows/a%2Fb/%C3%BC/webhooks/1/deliveries/2/replay"
    )
