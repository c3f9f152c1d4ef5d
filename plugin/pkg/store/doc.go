// Package store keeps the history: RRsets with when and how often they were
// seen, in a directory of sealed bbolt files.
//
// # Basics
//
// A Store is opened by one process for writing. Add aggregates into a memtable;
// every few seconds that is sorted and written to a run, a bbolt file that never
// changes again. In the background runs are merged within calendar windows, an
// hour's into one, a day's hours into one, and so on, and runs that a retention
// has outlived are unlinked. The manifest names the runs that count, and is
// replaced by rename.
//
//	s, err := store.Open("/var/lib/pdns", store.Options{})
//	err = s.Add(&rrset.RRset{...})
//	for r, err := range s.Find(ctx, store.Query{Subject: store.Owner(name)}) { ... }
//
// Searches go through memtable and runs at once and merge what they find into
// one ordered stream. Any number of other processes may open the directory with
// OpenReader, and a Snapshot, one file, anywhere.
//
// # Promise
//
// After a crash, a kill or a power loss the store opens, every run in the
// manifest is whole, and no more than one flush interval is gone. After Close
// nothing is gone. If the disk is full or a file is damaged there is an error
// that names it; what is already stored is not touched, new observations stay in
// memory as long as there is room, and the runs that can be read answer.
//
// # Caveats
//
// Readers of other processes do not see the memtable. An RRset in several runs
// is one result with merged figures, unless slices are asked for; merging runs
// never changes an answer but that of slices. Damage is told where it is met,
// not before: see Verify.
//
// The packages below hold one concept each: record (keys), run (one file),
// memtable, manifest. FORMAT.md draws the bytes.
package store
