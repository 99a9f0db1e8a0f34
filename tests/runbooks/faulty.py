"""Small pages with the faults of real ones: mis-decoded emoji, numbered headings, fences in lists, tables."""

CHECKOUT = """# Checkout on call

## Who to call

1. First: @ana
2. Second: @bo

## Usual troubles

### 1. Basket service down (P0)

**Signs:**
- more than half of the requests fail

**Do at once:**
```bash
# Ask the service
curl -fsS https://basket.example/healthz
```

**Then:**
1. Read the logs
2. If a release did it: roll back (see rollback.md)

### 2. Slow basket (P1)

**Do at once:**
```bash
kubectl top pods
```

## Words for the status page
```
[TIME] - We look into [WHAT].
```
"""
"""Shape: H2 with several H3 cases, bold labels before fences, templates in fences without a language."""

PAYMENTS = """# Payments runbook

## Critical (P0)

### 1. Queue Exhaustion

**Signs:**
- `QueueExhaustion` alert triggered

1. Look at the depth:
   ```bash
   # all queues
   rabbitctl depth \\
     --all
   ```

2. Find who fills it:
   - producers
   - replays

**Reset:**
```typescript
registry.get('queue')?.reset();
```

---

### 2. Webhook trouble

- `WebhookForged` or `WebhookReplayed` alert triggered

1. Open Settings \u201a\u00c4\u00fa Webhooks

## Lower (P2)

### 6. Slow Answers

- `SlowAnswersP95` or `SlowAnswersP99` alert triggered
- see also `LowHitRate`

### 7. Cache

- `LowHitRate` alert
"""
"""Shape: fences inside numbered items, alerts named in the text, an arrow decoded as Mac Roman."""

CHECKLISTS = """# Incidents

## \u00fc\u00f6\u00ae Levels

| Level | Answer within | Examples |
|---|---|---|
| **P1** | 15 minutes | all is down |
| **P2** | 1 hour | <some> of it |

## \u00fc\u00ec\u00e3 Check-list

### First minutes
- [ ] Say that you have it
- [x] Open `#incident-DATE`

## \u00fc\u00ee\u00e7 Common

### High API Latency
```bash
kubectl scale deployment api --replicas=5
```
### Database Connection Errors
```sql
select 1
```
"""
"""Shape: emoji read as Mac Roman in the headings, tables, check-lists, a fence right below its heading."""

LORRIES = """# Lorries

## \u00f0\u0178\u201c\u017e Contacts

**SEV-2: slow**

- Answer: 15 minutes
- Do:
  1. Look at the graphs
  2. Restart the cache: `fly restart --app <name>`

```markdown
## Not a heading of this page
- [ ] nor a step
```

## \u00f0\u0178\u201d\x8d Troubles & cures

### Issue 1: API 500 Errors Spike

**Diagnosis:**

```bash
docker ps
```

### Issue 2: High API Latency (>2s P95)

**Cure:**

```bash
docker compose restart cache
```

## \u00f0\u0178\u201c\u0160 Alerts

- `HighLatency`: p95 above 800 ms
- `DatabaseGone`: no answer three times

## \u00f0\u0178\u201c\u0161 More

- [Rollback](./how/rollback.md#steps)
- [Elsewhere](../ARCHITECTURE.md)
- [Status](https://status.example)
"""
"""Shape: emoji read as Windows-1252 (a C1 control left over), `Issue N:` headings, a page in a fence, broken links."""

ORDERS = """# \uf8ff\u00fc\u00f6\u00ae On call: orders

## \u00fc\u00ec\u00e4 **SLIs**

- **Success**: \u201a\u00e2\u2022 99.9%

## \u00fc\u00f6\u00ae **Alerts**

### **1. 409 Conflict Spikes**
**Look**:
```bash
# Search for conflicts
```

1. **Now**: ask the shop
2. **Later**: change the page

### **4. Slow p95 Latency**
text
"""
"""Shape: headings in bold, a private-use character in the title, steps that begin in bold."""

ALL = {
    "checkout.md": CHECKOUT,
    "payments.md": PAYMENTS,
    "checklists.md": CHECKLISTS,
    "lorries.md": LORRIES,
    "orders.md": ORDERS,
}


def is_harmless(text: str) -> bool:
    """Whether a terminal would obey no character of it."""
    return all(character.isprintable() or character in "\n\t" for character in text)
