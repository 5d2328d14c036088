import type { ConfigurationSet } from '../resources.ts';
import type { SendEmailRequest, SimpleContent } from '../sending/request.ts';
import { type Tracking, type TrackingMarks, type TrackingUrls, trackHtml } from './html.ts';

/** The content that leaves, and what was put into it. Text is never changed: without HTML nothing is tracked. */
export async function trackContent(
  request: SendEmailRequest,
  set: ConfigurationSet | undefined,
  urls: TrackingUrls,
): Promise<{ readonly simple: SimpleContent; readonly marks: TrackingMarks }> {
  const { Simple: simple } = request.Content;
  const { Html } = simple.Body;
  if (!Html) return { simple, marks: { hasPixel: false, links: [] } };
  const { html, marks } = await trackHtml(Html.Data, trackingOf(request, set), urls);
  return { simple: { ...simple, Body: { ...simple.Body, Html: { ...Html, Data: html } } }, marks };
}

/**
 * An override decides, also where no destination asks for the event; without one, whether a destination asks
 * for the event. An account with engagement metrics would track by itself; this one has none
 * (API_TrackingConfigurationOverrides).
 */
function trackingOf(
  { ConfigurationOverrides: overrides }: SendEmailRequest,
  set: ConfigurationSet | undefined,
): Tracking {
  const { OpenTrackingEnabled, ClickTrackingEnabled } = overrides?.Tracking ?? {};
  const isAskedFor = (type: string) =>
    set?.destinations.some(({ eventTypes }) => eventTypes.has(type)) ?? false;
  return {
    opens: OpenTrackingEnabled ? OpenTrackingEnabled === 'ENABLED' : isAskedFor('open'),
    clicks: ClickTrackingEnabled ? ClickTrackingEnabled === 'ENABLED' : isAskedFor('click'),
  };
}
