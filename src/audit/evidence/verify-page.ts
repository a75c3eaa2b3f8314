import { fingerprintOf } from './report/proofs.ts';
import { redactionRules } from './redaction.ts';
import type { Telling } from './telling.ts';

/** VERIFY.md of a bundle: the command for people in a hurry, and each step for those who trust no program. */
export function verifyPage(telling: Telling): string {
  const { first, variant, proofs, file } = telling;
  const keys = proofs.logs.map(({ vkey }) => `- \`${vkey}\`\n  fingerprint \`${fingerprintOf(vkey)}\``);
  const args = proofs.logs.map(({ vkey }) => ` \\\n      --key '${vkey}'`).join('');
  const witnesses = proofs.witnessKeys.map((vkey) => ` \\\n      --witness '${vkey}'`).join('');
  const unread = telling.entries.filter(({ withheld }) => withheld !== null);
  return `# How to check this bundle

Decision ${first.decisionId}, ${variant} variant, exported ${telling.exportedAt}.

The verifier is the folder \`verifier/\` of Countersign: one program without dependencies that shares no code with the
gateway and needs Node.js 20 or later. It works offline.

    node verifier/bin/countersign-verify.mjs evidence BUNDLE.zip${args}${witnesses}

Exit code 0: everything holds. 1: something does not, and it says which file.

## The keys
${keys.join('\n')}

Believe them only when you got them, or their fingerprints, by another way than this bundle: from the operator's published
\`log.vkey\`, from a contract, from a witness.

## By hand
The formats are in \`docs/formats/audit.md\` of Countersign.

1. SHA-256 of every file equals \`files\` in \`manifest.json\`; \`manifest.sig\` signs SHA-256 of \`manifest.json\`.
2. SHA-256 of each \`*.header.json\` stands in the last 32 bytes of the leaf (\`extra\`) of its \`*.tlog-proof\`.
3. Each \`*.tlog-proof\` leads from its leaf to the root in its checkpoint (RFC 6962; C2SP tlog-proof), which is
   \`checkpoints/<period>\`, signed by the log's key.
4. Of the entries with the relation \`decision\`, each header's \`previous\` is the SHA-256 of the header before it.
5. SHA-256 of each \`*.ciphertext\` is \`payload.ciphertextDigest\` in its header.
${variant === 'full' ? openingSteps : redactedSteps}
## What this proves, and what it does not
It proves that these entries were in the ledger when the checkpoint was signed, and that what you read is what was recorded.
The report is bound by \`manifest.sig\` to the operator; read it beside the payload files. Whether anything beyond these
entries was recorded for the decision, only the ledger itself shows: \`--ledger\` of the verifier looks through it. Whether a
call was made that was never recorded, the daily completeness entries of the ledger answer.
${unread.length > 0 ? `\n## What is not there\n${unread.map(({ header, withheld }) => `- ${header.type} ${header.entryId}: ${withheld}`).join('\n')}\n` : ''}${file.omitted.map((sentence) => `\n${sentence}\n`).join('')}`;
}

const openingSteps = `6. From each \`*.opening.json\`: \`keyCommitment\` is HMAC-SHA256(entryKey, "countersign key commitment v2"); with
   HMAC-SHA256(entryKey, "countersign payload encryption v2") as key, AES-256-GCM opens the ciphertext (nonce: its first 12
   bytes; tag: its last 16; additional data: the entry id); after raw deflate, where \`codec\` says so, it is
   \`*.payload.json\`; and \`plaintextCommitment\` is HMAC-SHA256(entrySalt, plaintext).
`;

const redactedSteps = `
## What was redacted
${redactionRules.map((rule) => `- ${rule}`).join('\n')}

Names are recognised only where a withheld text has them: nothing recognises every name. Read a redacted bundle before you
hand it on.
`;
