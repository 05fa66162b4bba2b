// AWS.MobileAnalytics with nothing but endpoint, region and keys of its own.
import {createRequire} from 'node:module';
import {serve, shiftClock} from './driver.mjs';

const require = createRequire(import.meta.url);
if (process.env.CLOCK_SHIFT_MS) shiftClock(Number(process.env.CLOCK_SHIFT_MS));
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';
const AWS = require('aws-sdk');

let client;

serve({
  init(options) {
    client = new AWS.MobileAnalytics({maxRetries: 2, retryDelayOptions: {base: 50}, ...options});
  },
  version: () => AWS.VERSION,
  // The answer, and how many times the request went out.
  async putEvents(parameters) {
    let sent = 0;
    const request = client.putEvents(parameters);
    request.on('send', () => sent++);
    const data = await request.promise();
    const {statusCode, headers} = request.response.httpResponse;
    return {data, sent, status: statusCode, request: headers['x-amzn-requestid']};
  },
});
