// AMA.Manager in Node. Only the endpoint, the keys and the waiting times are ours.
import {createRequire} from 'node:module';
import {serve, shiftClock} from './driver.mjs';

const require = createRequire(import.meta.url);
if (process.env.CLOCK_SHIFT_MS) shiftClock(Number(process.env.CLOCK_SHIFT_MS));
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';
const AWS = require('aws-sdk');
const AMA = require('aws-sdk-mobile-analytics');

let manager;
let codes = [];

serve({
  init({endpoint, keys, manager: options}) {
    AWS.config.update({region: 'us-east-1', credentials: new AWS.Credentials(keys)});
    codes = [];
    manager = new AMA.Manager({
      ...options,
      clientOptions: {endpoint, retryDelayOptions: {base: 50}},
      submitCallback: (error) => codes.push(error ? error.code : 'stored'),
    });
    // While throttled the manager lets a dice decide whether to try; here it always says yes.
    manager.client.throttlingSuppressionFunction = () => 1;
  },
  record: (name, attributes, metrics) => manager.recordEvent(name, attributes, metrics) !== null,
  buy: (details, attributes) => manager.recordMonetizationEvent(details, attributes) !== null,
  stop: () => manager.stopSession() !== null,
  renew: () => manager.renewSession().id,
  submit: () => manager.submitEvents(),
  // How each submission ended since `init`, and what the manager still keeps.
  state: () => ({
    codes,
    kept: manager.outputs.events.length + Object.values(manager.outputs.batches).flat().length,
    throttled: Boolean(manager.outputs.isThrottled),
  }),
});
