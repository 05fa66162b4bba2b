// One event, by the request package for Node.
const {readFileSync} = require('node:fs');
const request = require('request');

const headers = {
  'X-CleverTap-Account-Id': process.env.ACCOUNT_ID,
  'X-CleverTap-Passcode': process.env.PASSCODE,
  'Content-Type': 'application/json; charset=utf-8',
};
const body = readFileSync('clevertap.json', 'utf8');
request({url: `${process.env.URL}/1/upload`, method: 'POST', headers, body}, (error, answer, text) => {
  if (error) throw error;
  console.log(text);
  console.log(answer.statusCode);
});
