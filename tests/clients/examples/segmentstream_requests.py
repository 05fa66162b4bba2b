"""The call of the vendor's page, by Python's requests."""

import os
from pathlib import Path

import requests

headers = {"Content-Type": "application/json"}
data = Path("segmentstream.json").read_bytes()
answer = requests.post(f"{os.environ['URL']}/track", auth=(os.environ["API_TOKEN"], ""), headers=headers, data=data, timeout=30)
print(answer.text)
print(answer.status_code)
