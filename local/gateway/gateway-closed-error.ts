/** A call came after the gateway was closed; it was not done and never will be. */
export class GatewayClosedError extends Error {
  constructor() {
    super('The gateway is closed');
    this.name = 'GatewayClosedError';
  }
}
