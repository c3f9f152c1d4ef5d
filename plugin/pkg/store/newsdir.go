package store

// NewsDir is the directory in which package novelty finds the log of what was newly
// observed; empty for a source that has none: a snapshot, or a run by itself.
func NewsDir(src Source) string {
	switch s := src.(type) {
	case *Store:
		return s.dir
	case *reader:
		return s.dir
	}
	return ""
}
