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
// manifest is whole, and no more is gone than was added while a flush was written
// and in the interval before it; if the write before took longer than the interval,
// in that time. While flushes fail, which Stats tells, it is all since they do. After
// Close nothing is gone. If the disk is full or a file is damaged there is an error
// that names it; what is already stored is not touched, new observations stay in
// memory as long as there is room, and the runs that can be read answer.
//
// A clock that leaps makes a retention wait, not forget: see Events. A manifest
// that names a run which is not there makes the store read-only: see ReadOnly.
// Repair saves what can be read of what is damaged, and makes a lost manifest anew.
//
// # Caveats
//
// Readers of other processes do not see the memtable. An RRset in several runs
// is one result with merged figures, unless slices are asked for; merging runs
// never changes an answer but that of slices. Damage is told where it is met,
// not before: see Verify.
//
// # What pays and what does not
//
// Tried by measurement, on a million made-up and on 100,000 real responses; the
// figures of the whole are in test/bench/RESULTS.md. What is kept:
//
//   - Postings as ordinals of records, not names: a quarter of the size.
//   - Zstandard over blocks of 16 KiB. Blocks of 8 KiB take 6% more room and halve
//     what a record that lies alone costs; those of 32 KiB take 2% less.
//   - The middle level of Zstandard for runs that stay, the fastest for those that
//     do not: 5% between them. The next level takes half as much time again for
//     1%, the highest ten times as much for 5%.
//   - Leading labels as hashes of groups of 512 records, in segments, which replaced
//     hashes with ordinals: 1.8 octets a record instead of 4.5, and nothing to
//     renumber in a merge.
//   - Memtables in pages beside Go's heap, and a merge's new ordinals as bits: with
//     both on the heap the collector took 725 MB where it takes 290 now.
//   - Sorting by sixteen octets at a time, since keys begin alike and lie scattered:
//     half the time of comparing keys.
//   - Reading ahead in large pivots, by batches on all cores: 1.7 times the rate,
//     since nearly each record lies in another block.
//   - Pages of 1 KiB in bbolt: a tenth of the file over those of 4 KiB.
//
// What is not:
//
//   - Columns of their own for owners, types and rdata in a block: 5% larger, since
//     rdata often repeats what its owner says.
//   - A dictionary trained on a sample of the run's blocks: 3% smaller blocks at
//     16 KiB, for compression that takes twice the time and a second thing that
//     must be whole for anything to be read.
//   - Merging blocks that do not overlap without decoding them: runs of one window
//     hold names of all zones, and blocks hold hundreds of records, so that next to
//     no block of one run lies between two records of another.
//   - Flushing by shards at once: a flush, a merge and those who add share the
//     cores already; it moves work, and saves none.
//
// The packages below hold one concept each: record (keys), run (one file),
// memtable, manifest, disposable (of what there is too much). FORMAT.md draws the bytes.
package store
