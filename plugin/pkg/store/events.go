package store

import "time"

// Events of the background work; nil functions are not called.
type Events struct {
	Flushed func(FlushInfo)
	News    func(NewsInfo) // before Flushed
	Merged  func(MergeInfo)
	Expired func(ExpiredInfo)
	Error   func(error) // a flush, merge or retention that went wrong and will be tried again
	// Postponed: a merge was not begun; it will be tried again.
	Postponed func(PostponedInfo)
	// ReadOnly: nothing is recorded, and why; nil when it is again.
	ReadOnly func(error)
	// Clock: the clock has leapt, and the retention waits; or it is over. Without a
	// retention it is not told.
	Clock func(ClockInfo)
}

// A FlushInfo describes a memtable written to a run.
type FlushInfo struct {
	Records uint64
	Bytes   int64 // size of the run
	Took    time.Duration
}

// A MergeInfo describes runs merged into one.
type MergeInfo struct {
	Runs    int // runs read
	Records uint64
	Bytes   int64 // size of the run written
	Took    time.Duration
}

// An ExpiredInfo describes runs that a retention has outlived.
type ExpiredInfo struct {
	Runs    int
	Records uint64
	Until   time.Time // of the newest record
}
