package keys_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi/keys"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func spend(t *testing.T, g *keys.Grant, at time.Time, want error) {
	t.Helper()
	if err := g.Spend(at); !errors.Is(err, want) {
		t.Errorf("at %s: %v, want %v", at.Format(time.RFC3339), err, want)
	}
}

func TestQuota(t *testing.T) {
	g := keys.NewGrant("a", keys.Terms{Quota: 2, Window: 24 * time.Hour})
	midnight := noon.Add(12 * time.Hour)
	for _, step := range []struct {
		at   time.Time
		want error
		left uint64
		full time.Time
	}{
		{noon, nil, 1, midnight},
		{noon, nil, 0, midnight},
		{midnight.Add(-time.Second), keys.ErrQuota, 0, midnight},
		{midnight, nil, 1, midnight.Add(24 * time.Hour)},
		{noon, nil, 0, midnight.Add(24 * time.Hour)}, // the clock was set back
		{noon, keys.ErrQuota, 0, midnight.Add(24 * time.Hour)},
	} {
		spend(t, g, step.at, step.want)
		want := keys.Standing{Limit: 2, Remaining: step.left, Reset: step.full}
		got, ok := g.Standing(step.at)
		if !ok || got.Limit != want.Limit || got.Remaining != want.Remaining || !got.Reset.Equal(want.Reset) {
			t.Errorf("at %s: %v, want %v", step.at.Format(time.RFC3339), got, want)
		}
	}
	if _, ok := keys.NewGrant("b", keys.Terms{}).Standing(noon); ok {
		t.Error("a key without a quota has a standing")
	}
}

func TestRate(t *testing.T) {
	g := keys.NewGrant("a", keys.Terms{Rate: 1.5})
	if g.Burst != 2 {
		t.Errorf("a burst of %d, want 2: as many as in a second", g.Burst)
	}
	spend(t, g, noon, nil)
	spend(t, g, noon, nil)
	spend(t, g, noon, keys.ErrRate)
	spend(t, g, noon.Add(time.Second), nil)
	spend(t, g, noon.Add(time.Second), keys.ErrRate)
}

func TestExpiry(t *testing.T) {
	g := keys.NewGrant("a", keys.Terms{Expires: noon})
	spend(t, g, noon.Add(-1), nil)
	spend(t, g, noon, keys.ErrExpired)
	g.Revoke()
	spend(t, g, noon, keys.ErrRevoked)
}

// TestRenew: what was used up counts by the new terms, and these end answers that
// began by the old ones.
func TestRenew(t *testing.T) {
	day, hour := 24*time.Hour, time.Hour
	old := keys.NewGrant("a", keys.Terms{Quota: 2, Window: hour, Rate: 1, Burst: 3})
	spend(t, old, noon, nil)
	spend(t, old, noon, nil)
	more := old.Renew(keys.Terms{Quota: 3, Window: day})
	spend(t, more, noon, nil)
	spend(t, more, noon, keys.ErrQuota)
	if s, _ := more.Standing(noon); !s.Reset.Equal(noon.Add(12 * time.Hour)) {
		t.Errorf("whole again at %s, want midnight", s.Reset)
	}
	spend(t, more.Renew(keys.Terms{Quota: 4, Window: hour}), noon.Add(hour), nil)
	slow := more.Renew(keys.Terms{Rate: 1})
	spend(t, slow, noon, nil)
	spend(t, slow, noon, keys.ErrRate)
	old.Renew(keys.Terms{Expires: noon})
	for _, g := range []*keys.Grant{old, more} {
		if err := g.Valid(noon); !errors.Is(err, keys.ErrExpired) {
			t.Errorf("%v, want that it expired", err)
		}
	}
}

// TestSpendTogether: of many who spend at once only as many as may succeed.
func TestSpendTogether(t *testing.T) {
	g := keys.NewGrant("a", keys.Terms{Quota: 100, Window: time.Hour})
	var spent atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				if g.Spend(noon) == nil {
					spent.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := spent.Load(); n != 100 {
		t.Errorf("%d of 200 requests, want 100", n)
	}
}
