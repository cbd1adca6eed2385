curl -X POST "http://127.0.0.1:4010/v1/calls/scheduled" \
  -H "Authorization: Bearer sk_test_51_fakeapikey123456" \
  -H "Content-Type: application/json" \
  -d '{
    "contact_id": "ctc_12kd88",
    "campaign_id": "camp_91ks11",
    "scheduled_at": "2026-03-15T15:00:00Z",
    "initial_message": "Hi {{first_name}}, this is the TemPhone AI assistant following up on your renewal.",
    "max_duration_seconds": 900,
    "caller_id": "+1-415-555-0199",
    "recording_enabled": true,
    "webhook_url": "https://webhooks.yourapp.com/ai-calls",
    "metadata": {
      "playbook": "renewal_followup_v2",
      "priority": "high"
    }
  }'
