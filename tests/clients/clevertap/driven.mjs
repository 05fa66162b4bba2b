// The client as its README shows it; only the endpoint is another, for which it has no option.
import CleverTap from 'clevertap';
import {serve} from './driver.mjs';

let client;

serve({
  init({account, passcode, endpoint}) {
    client = CleverTap.init(account, passcode, CleverTap.REGIONS.INDIA);
    client.api.apiEndpoint = endpoint;
  },
  upload: (records, options) => client.upload(records, options || {}),
  uploadWithCallback: (records) => new Promise((resolve) => client.upload(records, {}, resolve)),
  uploadDeviceTokens: (records) => client.uploadDeviceTokens(records),
});
