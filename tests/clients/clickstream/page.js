// What a shop would bundle: the SDK, and its own calls of it.
import {ClickstreamAnalytics} from '@aws/clickstream-web';

globalThis.Clickstream = ClickstreamAnalytics;
