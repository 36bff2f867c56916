"""What can be asked of a gateway, in the gateway's own words; knows nothing of PromQL, SQL or Dash."""
