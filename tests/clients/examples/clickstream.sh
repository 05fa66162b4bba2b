# The two events of the vendor's page, by curl.
curl --silent --location "$URL/collect?appId=$APP_ID&platform=Android&event_bundle_sequence_id=1" \
  --header 'Content-Type: application/json; charset=utf-8' \
  --header 'X-Forwarded-For: 101.188.67.134' \
  --write-out '\n%{http_code}' \
  --data "$(cat clickstream.json)"
