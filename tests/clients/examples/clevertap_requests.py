"""One event, by Python's requests."""

import os
from pathlib import Path

import requests

headers = {
    "X-CleverTap-Account-Id": os.environ["ACCOUNT_ID"],
    "X-CleverTap-Passcode": os.environ["PASSCODE"],
    "Content-Type": "application/json; charset=utf-8",
}
data = Path("clevertap.json").read_text()
answer = requests.post(f"{os.environ['URL']}/1/upload", headers=headers, data=data, timeout=30)
print(answer.text)
print(answer.status_code)
