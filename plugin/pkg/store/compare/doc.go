// Package compare finds what a flush brings that the store never held before: a Finder
// walks the records of the flush, in order, and compares them with the runs. Nothing of
// it is in the way of an observation.
//
// Names and RRsets that the last flushes held are Known and not looked up again. A filter
// of each run says of most names that it lacks them; what is left is looked up, in order.
// What counts as new is said by package novelty, whose events come of it.
package compare
