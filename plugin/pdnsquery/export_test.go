package pdnsquery

import (
	"testing"
	"time"
)

// SetLastAnswers gives answers under way another time at the end of a Corefile.
func SetLastAnswers(t *testing.T, d time.Duration) {
	old := lastAnswers
	lastAnswers = d
	t.Cleanup(func() { lastAnswers = old })
}
