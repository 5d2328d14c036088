/** Where a mail that was tracked leads to instead of SES's own server. */
export const OPEN_PATH = '/_local/track/open';
export const CLICK_PATH = '/_local/track/click';
