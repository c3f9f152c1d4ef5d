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

// SetFeedPace makes feeds look for what is new, and send NOTIFY, that often.
func SetFeedPace(t *testing.T, poll, notify time.Duration) {
	oldPoll, oldNotify := pollEvery, notifyEvery
	pollEvery, notifyEvery = poll, notify
	t.Cleanup(func() { pollEvery, notifyEvery = oldPoll, oldNotify })
}
