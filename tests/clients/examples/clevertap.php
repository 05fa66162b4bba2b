<?php
// One event, by PHP's own streams.
$headers = [
    'X-CleverTap-Account-Id: ' . getenv('ACCOUNT_ID'),
    'X-CleverTap-Passcode: ' . getenv('PASSCODE'),
    'Content-Type: application/json; charset=utf-8',
];
$options = ['method' => 'POST', 'header' => $headers, 'content' => file_get_contents('clevertap.json'), 'ignore_errors' => true];
$body = file_get_contents(getenv('URL') . '/1/upload', false, stream_context_create(['http' => $options]));
echo $body, "\n", explode(' ', $http_response_header[0])[1], "\n";
