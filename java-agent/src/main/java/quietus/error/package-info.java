/** What a person is told when a run cannot go on. */
package quietus.error;
