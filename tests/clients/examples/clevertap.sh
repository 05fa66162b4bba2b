# One event, by curl.
curl --silent -X POST -d "$(cat clevertap.json)" "$URL/1/upload" \
  -H "X-CleverTap-Account-Id: $ACCOUNT_ID" \
  -H "X-CleverTap-Passcode: $PASSCODE" \
  -H "Content-Type: application/json; charset=utf-8" \
  --write-out '\n%{http_code}'
