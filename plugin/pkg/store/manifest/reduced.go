package manifest

// Reduced says what was recorded as less than was seen, since there was too much of
// its kind.
type Reduced struct {
	Sets  uint64 `json:"sets"`  // of names that have collapsed
	Names uint64 `json:"names"` // in these sets, about
	// Observations by reason; package store has the reasons.
	Observations map[string]uint64 `json:"observations"`
}
