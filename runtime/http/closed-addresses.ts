/**
 * Addresses that nothing of the hub ever connects to: those where a cloud tells a machine its own credentials. A flow that
 * takes an address from a message, or a partner that answers with a redirect, would read them out.
 */
import { BlockList, Socket } from 'node:net';

const closed = new BlockList();
closed.addSubnet('169.254.0.0', 16, 'ipv4'); // link-local: AWS, Azure, Google, DigitalOcean, containers of ECS
closed.addAddress('100.100.100.200', 'ipv4'); // Alibaba
closed.addAddress('192.0.0.192', 'ipv4'); // Oracle
closed.addSubnet('fd00:ec2::', 32, 'ipv6'); // AWS
closed.addAddress('fd20:ce::254', 'ipv6'); // Google
closed.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6'); // 169.254.0.0/16 by NAT64
closed.addSubnet('fe80::', 10, 'ipv6');

/**
 * From now on, for the whole process: a connection fails with ERR_IP_BLOCKED once its name is resolved, however the
 * address is written and whoever asks. Node before 22.13 does not look at it.
 */
export function closeMetadataAddresses(): void {
  (Socket.prototype as { blockList?: BlockList }).blockList = closed;
}
