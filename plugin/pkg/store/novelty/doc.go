// Package novelty is what was newly observed: registered domains, host names and RRsets
// that a store never held before, and domains that come back after a long silence. It
// stands in a log beside the runs, for feeds and questions about the last days. Package
// compare finds it.
//
// # What is new
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
