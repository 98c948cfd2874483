/**
 * What a run does: {@link quietus.run.Agent} takes a request, brings its state about in the order
 * of steps of DESIGN.md, and answers with a report. Every step can be the last; a run begins by
 * looking at what is there.
 */
package quietus.run;
