/** Hosts that are reached without leaving the machine or its private network, as far as the name tells. */
import { BlockList, isIP } from 'node:net';

const NETWORKS = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const;

const PRIVATE = new BlockList();
for (const [address, bits, family] of NETWORKS) PRIVATE.addSubnet(address, bits, family);

/** @param host as a URL has it: an IPv6 address may stand in brackets */
export function isPrivateHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const version = isIP(name);
  if (version !== 0) return PRIVATE.check(name, version === 4 ? 'ipv4' : 'ipv6');
  return !name.includes('.') || /\.(localhost|local|internal|lan|svc|home\.arpa)$/.test(name);
}
