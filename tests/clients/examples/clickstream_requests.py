"""The two events of the vendor's page, by Python's requests."""

import os
from pathlib import Path

import requests

headers = {"Content-Type": "application/json; charset=utf-8", "X-Forwarded-For": "101.188.67.134"}
url = f"{os.environ['URL']}/collect?appId={os.environ['APP_ID']}"
answer = requests.request("POST", url, headers=headers, data=Path("clickstream.json").read_text(), timeout=30)
print(answer.text)
print(answer.status_code)
