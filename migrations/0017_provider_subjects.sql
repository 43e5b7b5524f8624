-- By which name of its own the identity provider knows a user, since the first time that it vouched for the user.
ALTER TABLE users ADD COLUMN provider_subject TEXT;
