// Package disposable decides how much of an RRset is worth a record of its own,
// where there would be too many records: of names that a machine makes to be used
// once, of random names that do not exist, and of names whose answer is never the
// same twice.
//
// # Basics
//
// A Tracker is asked about RRsets that are new to the memtable. For each owner it
// finds the ancestors below which the labels have a shape that a machine makes
// (see Shape), and counts the distinct names of that shape below that ancestor.
// Beyond Policy.Children of them further ones collapse: Judge says how many labels
// one label takes the place of. In the same way it counts the RRsets of one owner
// and type: see Whole and Member.
//
// Nothing collapses but at or below a registrable domain: the children of com,
// co.uk, github.io and cloudfront.net belong to different people.
//
// # Memory
//
// How many distinct ones there are is an estimate, by a sketch of 64 octets: the
// standard error is 10%. A sketch also knows that a name which comes again after a
// flush is no new one. The sketches lie in tables of fixed size; those of few
// names go first. What is seen a few times only has none: it is kept out by small
// counters that are halved now and then, so that a flood of things seen once does
// not push out what matters.
//
// Hashes are keyed by a secret of the store: nobody can choose names that collide
// with those of others.
package disposable
