# PutEvents with the members of the guide's examples, signed by curl.
context='{"client":{"client_id":"c-1","app_title":"My App","app_version_name":"V2.0","app_version_code":"3","app_package_name":"com.example.my_app"},"custom":{},"env":{"platform":"android","model":"Nexus","make":"Samsung","platform_version":"4.0.4","locale":"en_US"},"services":{"mobile_analytics":{"app_id":"'$MA_APP_ID'"}}}'
curl --silent "$URL/2014-06-05/events" --user "$ACCESS_KEY:$SECRET_KEY" --aws-sigv4 aws:amz:us-east-1:mobileanalytics \
  -H 'Content-Type: application/json' -H "x-amz-Client-Context: $context" \
  --write-out '\n%{http_code}' \
  -d '{"events":[{"eventType":"_session.start","timestamp":"2014-06-30T19:07:47.885Z","version":"v2.0","session":{"id":"s-1","startTimestamp":"2014-06-30T19:07:47.885Z"},"attributes":{"LevelName":"Level1"},"metrics":{"Score":12345}}]}'
