/** Whether what goes to this host – a name, or an address with or without an IPv6 address's brackets – stays on this machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|\[::1\]|::1|127\.\d+\.\d+\.\d+)$/.test(host);
}
