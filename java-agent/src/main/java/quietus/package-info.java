/**
 * The agent's entry: {@link quietus.Main} tells requests of the collection from commands of people.
 */
package quietus;
