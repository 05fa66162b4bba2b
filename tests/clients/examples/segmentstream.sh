# The call of the vendor's page, by curl.
curl --silent --user "$API_TOKEN:" -H 'Content-Type: application/json' --data-binary @segmentstream.json \
  --write-out '\n%{http_code}' "$URL/track"
