/** Paths to which tracked mail leads instead of SES's own server. */
export const OPEN_PATH = '/_local/track/open';
export const CLICK_PATH = '/_local/track/click';
