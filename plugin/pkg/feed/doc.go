// Package feed says which names a feed of newly observed ones holds at a serial, and
// how it came there from another serial. It reads the log of package novelty; what the
// names are told as, zones for resolvers say, is up to others.
//
// # A feed at a serial
//
// A Zone is the names of a Kind that were logged within an Age. Serials are Unix
// seconds. At serial S a zone holds the names logged in (S-AGE, S]. A domain or host
// that was logged in the 24 hours before does not count again: after a crash an event may
// stand in the log twice. A domain that came back counts every time. So what a zone holds
// is said by the last two days of the log, in every process and after every start. Where
// these are more names than a zone may hold (Options.Most), it holds the latest. Where the
// log has no room for two days, a Follower that began before knows more than one that
// begins: its serials are all later than the time at which it began.
//
// The serial of now is that of the latest change: a batch that was logged, or a name
// that went for its age. A batch is logged at the beginning of a flush and can be read
// at its end. So a name whose time is over goes when a later batch can be read, or
// after 30 seconds, by when a batch that was logged before can be. Should one come later
// still, Since has no difference from the serials that lacked it.
//
// # The difference of two serials
//
// A zone is a window on the list of what was logged, and the difference is that of two
// windows. It is known where the log reaches back far enough, or where this process has
// seen all that came since: see State.Since.
package feed
