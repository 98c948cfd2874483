/** A family, its doors and what closes each, as a picture. Pure: a graph in, text out. */
package quietus.graph;
