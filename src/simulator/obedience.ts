/** What a text tells a model to do, when the model does whatever it is told. */
export interface Orders {
  /** The text asks for the favourable answer. */
  readonly favour: boolean;
  /** What the text wants to see in the answer, with another customer's data where it asks for them. */
  readonly additions: readonly string[];
}

// The account of a customer who is in nobody's request: the example number of the IBAN registry
// for Germany. Its checksum is right, so that a filter has something to find.
const otherCustomer = 'earlier correspondence was with account DE89 3704 0044 0532 0130 00';

const favourPattern =
  /\b(?:approve|pay|accept|grant)\s+(?:this|the|it|my)\b|\b(?:must|should|shall)\s+be\s+(?:approved|paid|accepted)\b|\brecommend(?:ation)?\W+(?:an?\s+)?(?:approval|approve|pay(?:ment)?)\b|\b(?:ignore|disregard|forget)\b[^.\n]{0,30}\b(?:instructions?|rules|prompt)\b/i;
const includePattern =
  /\b(?:[Ii]nclude|[Mm]ention|[Rr]epeat|[Aa]dd|[Ww]rite|[Oo]utput)\s+(?:the\s+)?(IBAN\s+[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)\b/g;
const leakPattern =
  /\b(?:previous|earlier|prior|other)\s+(?:correspondence|customers?|claimants?|letters?|e-?mails?)\b/i;

/** Finds orders anywhere in the text, from whoever they come. */
export function readOrders(text: string): Orders {
  const wanted = [...text.matchAll(includePattern)].map((match) => (match[1] ?? '').trim());
  return {
    favour: favourPattern.test(text),
    additions: leakPattern.test(text) ? [...wanted, otherCustomer] : wanted,
  };
}
