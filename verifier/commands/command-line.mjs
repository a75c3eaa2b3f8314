import { parseArgs } from 'node:util';
import { Problem } from '../lib/problem.mjs';
import { UsageError } from './usage.mjs';

/**
 * @typedef {object} Call What was asked of a command.
 * @property {string[]} positionals
 * @property {Record<string, string | boolean | string[] | undefined>} values
 * @property {boolean} json
 *
 * @typedef {object} Command
 * @property {string} synopsis
 * @property {string} about one line
 * @property {string} help options and examples
 * @property {[number, number]} positionals least and most
 * @property {Record<string, {type: 'string' | 'boolean', multiple?: boolean}>} options
 * @property {(call: Call) => Promise<Outcome>} run
 *
 * @typedef {object} Outcome
 * @property {boolean} holds
 * @property {unknown} result for --json
 * @property {string[]} lines for a person
 */

const exitHolds = 0;
const exitDoesNotHold = 1;
/** The call was wrong, or the check could not be made. */
const exitNoAnswer = 2;

/**
 * Runs one command of a program to its exit code.
 * @param {string} program
 * @param {string} about
 * @param {Record<string, Command>} commands
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function runProgram(program, about, commands, args) {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview(program, about, commands));
    return name === undefined ? exitNoAnswer : exitHolds;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`${program}: there is no command ${name}\n\n${overview(program, about, commands)}`);
    return exitNoAnswer;
  }
  try {
    return await runCommand(program, command, rest);
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof Problem;
    const hint = isUsage ? `\n\nusage: ${program} ${command.synopsis}` : '';
    process.stderr.write(`${program}: ${error instanceof Error ? error.message : String(error)}${hint}\n`);
    return exitNoAnswer;
  }
}

/**
 * @param {string} program
 * @param {Command} command
 * @param {string[]} args
 */
async function runCommand(program, command, args) {
  const call = readCall(command, args);
  if (call.values['help'] === true) {
    process.stdout.write(`usage: ${program} ${command.synopsis}\n\n${command.about}\n\n${command.help}\n`);
    return exitHolds;
  }
  const [least, most] = command.positionals;
  if (call.positionals.length < least || call.positionals.length > most) {
    throw new UsageError(`${call.positionals.length} arguments in place of ${least}`);
  }
  const { holds, result, lines } = await command.run(call);
  process.stdout.write(call.json ? `${JSON.stringify(result)}\n` : lines.map((line) => `${line}\n`).join(''));
  return holds ? exitHolds : exitDoesNotHold;
}

/**
 * @param {Command} command
 * @param {string[]} args
 * @returns {Call}
 */
function readCall(command, args) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...command.options,
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return {
      positionals,
      values,
      json: values['json'] === true,
    };
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

/**
 * @param {string} program
 * @param {string} about
 * @param {Record<string, Command>} commands
 */
function overview(program, about, commands) {
  const list = Object.values(commands).map(
    (command) => `  ${program} ${command.synopsis}\n      ${command.about}\n`,
  );
  return `${about}\n\n${list.join('\n')}
Each command has --help with examples, and --json for machines.
Exit status: 0 it holds, 1 it does not hold, 2 the call was wrong or the check could not be made.
`;
}
