// Package novelty finds what a flush brings that the store never held before:
// registered domains, host names and RRsets, and domains that come back after a long
// silence. What it found stands in a log beside the runs, for feeds and questions
// about the last days.
//
// # Finding
//
// A flush walks its records in order, and so does a Finder, which compares them with
// the runs: nothing of it is in the way of an observation. Names and RRsets that the
// last flushes held are Known and not looked up again. A filter of each run says of
// most names that it lacks them; what is left is looked up, in order.
//
// New is only what was first seen within the last day: a history that is imported
// brings no news. Negative answers are no sight of a name, but what they said before
// it came into being is told: see Event.Denied. Until the history reaches back over
// Options.Learn everything would be new, so nothing is found.
//
// # The log
//
// Events are lines of JSON: those of COF (draft-dulaunoy-dnsop-passive-dns-cof), with
// the keys of Event. A batch is what one flush found: its events and a line that ends
// it. Without that line there is no batch. The log is written before its run counts,
// so after a crash an event may stand there twice, but none is missing.
//
// A Feed tells it in order of time and follows it, Latest begins at its end; a Reader is
// that of one kind of files.
//
// There are two kinds of files, new-names-* with domains and hosts and new-rrsets-*
// with RRsets. Each kind is bounded in bytes and time: the oldest files go.
package novelty
