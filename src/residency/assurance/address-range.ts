// oxlint-disable-next-line no-restricted-imports -- it compares addresses, and opens nothing
import { BlockList, isIP } from 'node:net';

/** Whether an address lies in one of the ranges. */
export type AddressCheck = (address: string | undefined) => boolean;

/**
 * @param ranges CIDR blocks
 * @throws TypeError when one is none
 */
export function addressCheck(ranges: readonly string[]): AddressCheck {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return (address) => {
    if (address === undefined) return false;
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

export function isAddressRange(range: string): boolean {
  try {
    addRange(new BlockList(), range);
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return false;
    throw error;
  }
}

function addRange(list: BlockList, range: string): void {
  const [address = '', prefix = '', ...rest] = range.split('/');
  const family = isIP(address);
  // Number('') is 0, and a range of every address agrees with everything.
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) throw new TypeError('no CIDR block');
  list.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
}
