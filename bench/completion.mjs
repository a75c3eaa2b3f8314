/** What the upstream says, and what every target has to hand on unchanged. */
export const answerText =
  'The fixed rate of your savings plan ends with the current term. After that the plan goes on at the ' +
  'variable rate of the day, unless you choose a new term in the four weeks before. There is no charge ' +
  'for either choice, and the interest earned so far stays in the plan.';

const tokens = answerText.match(/ ?[A-Za-z]+|[^A-Za-z ]/g) ?? [];

export const completion = {
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_793_491_200,
  model: 'bench-2026-11',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: answerText, refusal: null },
      // As sure as chat models usually are of such a text: a geometric mean of 0.98 per token.
      logprobs: {
        content: tokens.map((token) => ({
          token,
          logprob: Math.log(0.98),
          bytes: [...Buffer.from(token)],
          top_logprobs: [],
        })),
        refusal: null,
      },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 96, completion_tokens: tokens.length, total_tokens: 96 + tokens.length },
};

/** The request that every target gets. */
export const chatRequest = {
  model: 'bench',
  messages: [
    { role: 'system', content: 'You answer questions of bank customers in two or three plain sentences.' },
    {
      role: 'user',
      content: 'I opened a savings plan with you two years ago. What do I need to know about it?',
    },
    { role: 'assistant', content: 'Your plan has a fixed rate for its term. What would you like to know?' },
    {
      role: 'user',
      content:
        'The letter says that the term ends in spring. What happens to the rate then, do I have to do ' +
        'anything before, does it cost me something, and is the interest of the first years safe?',
    },
  ],
  temperature: 0,
  max_tokens: 200,
};
