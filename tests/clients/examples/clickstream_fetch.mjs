// The two events of the vendor's page, by fetch.
import {readFileSync} from 'node:fs';

const headers = new Headers();
headers.append('Content-Type', 'application/json; charset=utf-8');
headers.append('X-Forwarded-For', '101.188.67.134');
const body = readFileSync('clickstream.json', 'utf8');
const options = {method: 'POST', headers, body, redirect: 'follow'};
const answer = await fetch(`${process.env.URL}/collect?appId=${process.env.APP_ID}`, options);
console.log(await answer.text());
console.log(answer.status);
